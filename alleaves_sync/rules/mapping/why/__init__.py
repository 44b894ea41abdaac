"""Pure: why the rules made of one item what they made.

Every part asks the rules' own functions, so that what is told is what was done.
"""

from alleaves_sync.rules.mapping.why.explanation import Explanation, explain, explain_rows

__all__ = ["Explanation", "explain", "explain_rows"]
