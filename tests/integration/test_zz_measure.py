from randomization import selectors
from randomization.views import memory
from tests import salvage
def test_m(main_trial):
    s = salvage.enrolled("01", "01-0001")
    raise AssertionError(len(memory.kept(memory.shown(s, selectors.readiness(s)))))
