"""What stands in place of a missing value: neutral, since a colour of the thresholds would judge
it. Grafana takes the lowest one, which mostly is green."""

from gk import override
from gk.define.fields import Mappings

NOTHING = "Nothing to show"
"""In a list of what is wrong: all is well, or nobody sends what it reads."""
BLANK = override(regex=".+", properties={"noValue": " "})
"""Beside NOTHING: Grafana shows that in each cell without a value, too."""

NO_DATA: Mappings = {None: ("No data", "text")}
DASH: Mappings = {None: ("-", "text")}
"""For what most have, such as the exit code of a container that never ended."""
