"""The doctor: what is wrong with the gradient of a spiking network of one's own.

::

    from snn_tools import doctor
    report = doctor.examine(program, params, key, budget="1min", surrogate=snn.Surrogate())
    print(report)

or ``python -m snn_tools.doctor module:build``. See tools/docs/doctor.md.
"""

from snn_tools.doctor.as_called import adopted as adopted
from snn_tools.doctor.examination import examine as examine
from snn_tools.doctor.finding import Finding as Finding
from snn_tools.doctor.report import Report as Report
