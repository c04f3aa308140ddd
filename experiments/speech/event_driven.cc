// Convolutions along a line of positions whose input is mostly 0, spike by spike.
//
// Compiled by event_driven.py, and called by XLA. Arrays are contiguous: lines (batch, position,
// channel), weights (kernel, channel, feature). Output o sees input o stride + k - padding with the
// weights of k.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <vector>

#include "xla/ffi/api/ffi.h"

namespace {

namespace ffi = xla::ffi;

// Bytes of a vector, and sums that fit the registers at once.
#ifdef __AVX512F__
constexpr int kBytes = 64, kSums = 20;
#else
constexpr int kBytes = 32, kSums = 10;
#endif

template <class T>
struct Vector {
  typedef T type __attribute__((vector_size(kBytes)));
  static constexpr int64_t size = kBytes / sizeof(T);
};

struct Sizes {
  int64_t batch, inputs, channels, kernel, features, outputs, stride, padding;
};

// y += a x. Of a number known to the compiler the loop is a few vectors.
template <int n, class T>
void add(T a, const T* __restrict x, T* __restrict y) {
  for (int i = 0; i < n; ++i) y[i] += a * x[i];
}

template <class T>
void add(int64_t n, T a, const T* __restrict x, T* __restrict y) {
  if (n == 16) return add<16>(a, x, y);
  if (n == 32) return add<32>(a, x, y);
  if (n == 64) return add<64>(a, x, y);
  for (int64_t i = 0; i < n; ++i) y[i] += a * x[i];
}

inline bool silent(const void* vector) {
  uint64_t bits[kBytes / 8], any = 0;
  std::memcpy(bits, vector, kBytes);
  for (uint64_t part : bits) any |= part;
  return any == 0;
}

// Calls body(value, output, row of weights) for each output that sees a number other than 0.
template <class T, class Body>
void each_event(const Sizes& n, const T* line, Body body) {
  const int64_t size = n.inputs * n.channels;
  for (int64_t first = 0; first < size; first += Vector<T>::size) {
    const int64_t end = std::min(first + Vector<T>::size, size);
    if (end - first == Vector<T>::size && silent(line + first)) continue;
    for (int64_t j = first; j < end; ++j) {
      if (line[j] == 0) continue;
      const int64_t i = j / n.channels + n.padding, channel = j % n.channels;
      int64_t o = i < n.kernel ? 0 : (i - n.kernel) / n.stride + 1;
      for (; o < n.outputs && o * n.stride <= i; ++o)
        body(line[j], o, (i - o * n.stride) * n.channels + channel);
    }
  }
}

// Outputs y of inputs x and weights w.
template <class T>
void Forward(const Sizes& n, const T* x, const T* w, T* y) {
  std::fill_n(y, n.batch * n.outputs * n.features, T(0));
  for (int64_t b = 0; b < n.batch; ++b)
    each_event(n, x + b * n.inputs * n.channels, [&](T value, int64_t o, int64_t row) {
      add(n.features, value, w + row * n.features, y + (b * n.outputs + o) * n.features);
    });
}

// Derivatives dw by the weights, of inputs x and derivatives d by the outputs.
template <class T>
void Weights(const Sizes& n, const T* x, const T* d, T* dw) {
  std::fill_n(dw, n.kernel * n.channels * n.features, T(0));
  for (int64_t b = 0; b < n.batch; ++b)
    each_event(n, x + b * n.inputs * n.channels, [&](T value, int64_t o, int64_t row) {
      add(n.features, value, d + (b * n.outputs + o) * n.features, dw + row * n.features);
    });
}

// Derivatives by P neighbouring inputs of one phase and V vectors of channels: the sum over `taps`
// and features of d, one row further back for each tap, times w. The first n of them are written.
template <class T, int V, int P>
void rows(const Sizes& s, int64_t taps, const T* d, const T* w, int64_t n, T* dx) {
  typename Vector<T>::type sums[P][V] = {}, x[V];
  for (int64_t m = 0; m < taps; ++m)
    for (int64_t f = 0; f < s.features; ++f) {
      const T *row = w + (m * s.stride * s.features + f) * s.channels, *at = d - m * s.features + f;
#pragma GCC unroll 4
      for (int v = 0; v < V; ++v) std::memcpy(&x[v], row + v * Vector<T>::size, kBytes);
#pragma GCC unroll 20
      for (int p = 0; p < P; ++p) {
#pragma GCC unroll 4
        for (int v = 0; v < V; ++v) sums[p][v] += at[p * s.features] * x[v];
      }
    }
#pragma GCC unroll 20
  for (int p = 0; p < P; ++p) {
    if (p >= n) break;
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v)
      std::memcpy(dx + p * s.stride * s.channels + v * Vector<T>::size, &sums[p][v], kBytes);
  }
}

// All `count` inputs of one phase, in tiles of nearly the same size, at most P.
template <class T, int V, int P = kSums / V>
void tiles(const Sizes& s, int64_t taps, const T* d, const T* w, int64_t count, T* dx) {
  if (count <= 0) return;
  const int64_t most = kSums / V, number = (count + most - 1) / most;
  if constexpr (P > 1) {
    if ((count + number - 1) / number < P) return tiles<T, V, P - 1>(s, taps, d, w, count, dx);
  }
  for (int64_t q = 0; q < count; q += P)
    rows<T, V, P>(s, taps, d + q * s.features, w, count - q, dx + q * s.stride * s.channels);
}

// Derivatives dx by the inputs, of derivatives d by the outputs; weights (kernel, feature, channel).
//
// Inputs of one phase, that is of one remainder modulo the stride, are seen with the same weights.
template <class T>
void Inputs(const Sizes& n, const T* w, const T* d, T* dx) {
  const int64_t before = (n.kernel - 1) / n.stride + 1;
  const int64_t length = std::max((n.inputs + n.padding) / n.stride + 1 + kSums, n.outputs);
  // A line with zeros before and after it, so that its ends are no special case.
  static thread_local std::vector<T> padded;
  padded.assign((before + length) * n.features, T(0));
  T* line = padded.data() + before * n.features;
  for (int64_t b = 0; b < n.batch; ++b, d += n.outputs * n.features, dx += n.inputs * n.channels) {
    std::copy_n(d, n.outputs * n.features, line);
    for (int64_t phase = 0; phase < n.stride; ++phase) {
      const int64_t taps = (n.kernel - phase + n.stride - 1) / n.stride;
      const int64_t first = (n.padding - phase + n.stride - 1) / n.stride;
      const int64_t count = (n.inputs + n.padding - phase + n.stride - 1) / n.stride - first;
      const T* from = line + first * n.features;
      // Where the stride is longer than the kernel, some inputs are seen by no output.
      const T* weights = taps ? w + phase * n.features * n.channels : w;
      T* to = dx + (first * n.stride + phase - n.padding) * n.channels;
      int64_t c = 0;
      const auto each = [&](auto vectors) {
        constexpr int V = decltype(vectors)::value;
        for (; c + V * Vector<T>::size <= n.channels; c += V * Vector<T>::size)
          tiles<T, V>(n, taps, from, weights + c, count, to + c);
      };
      each(std::integral_constant<int, 4>());
      each(std::integral_constant<int, 2>());
      each(std::integral_constant<int, 1>());
      for (; c < n.channels; ++c)
        for (int64_t q = 0; q < count; ++q) {
          T sum = 0;
          for (int64_t m = 0; m < taps; ++m)
            for (int64_t f = 0; f < n.features; ++f)
              sum += from[(q - m) * n.features + f] *
                     weights[(m * n.stride * n.features + f) * n.channels + c];
          to[q * n.stride * n.channels + c] = sum;
        }
    }
  }
}

template <ffi::DataType type>
using Array = ffi::Buffer<type, 3>;

template <ffi::DataType type, auto sums>
ffi::Error Call(ffi::Span<const int64_t> n, Array<type> a, Array<type> b,
                ffi::Result<Array<type>> result) {
  sums({n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7]}, a.typed_data(), b.typed_data(),
       result->typed_data());
  return ffi::Error::Success();
}

template <ffi::DataType type>
auto Signature() {
  return ffi::Ffi::Bind()
      .Attr<ffi::Span<const int64_t>>("sizes")
      .template Arg<Array<type>>()
      .template Arg<Array<type>>()
      .template Ret<Array<type>>();
}

}  // namespace

#define TARGET(name, sums, T, type) \
  XLA_FFI_DEFINE_HANDLER_SYMBOL(name, (Call<type, sums<T>>), Signature<type>())

TARGET(forward_float32, Forward, float, ffi::F32);
TARGET(weights_float32, Weights, float, ffi::F32);
TARGET(inputs_float32, Inputs, float, ffi::F32);
TARGET(forward_float64, Forward, double, ffi::F64);
TARGET(weights_float64, Weights, double, ffi::F64);
TARGET(inputs_float64, Inputs, double, ffi::F64);
