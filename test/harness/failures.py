"""What a failed test says besides: the last lines of the error logs of every nginx that runs, so that a failure that comes once can be understood."""
import nginx
import pytest

LINES = 40


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed:
        for one in nginx.running:
            lines = one.error_log().splitlines()[-LINES:]
            report.sections.append((f"error log of nginx on port {one.port}", "\n".join(lines)))
    return report
