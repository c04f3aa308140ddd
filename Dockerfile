# The two commands in a container:
#   docker build --tag snn-surrogate .
#   docker run --rm --volume "$PWD/results:/snn-surrogate/results" snn-surrogate
#   docker run --rm snn-surrogate make test
FROM python:3.11-slim AS base
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git make \
    && rm -rf /var/lib/apt/lists/*

FROM base
WORKDIR /snn-surrogate
COPY . .
RUN make setup
CMD ["make", "figures"]
