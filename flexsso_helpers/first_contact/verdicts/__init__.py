"""From a recording to the alternative of each open question, or why it cannot be told. Pure: nothing is asked here."""
