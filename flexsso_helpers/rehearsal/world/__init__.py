"""What the rehearsal rests on: its store, its clock, its rules, quirks, faults and lags."""
