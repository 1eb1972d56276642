"""What editors do: paste, check, merge, publish, retract; every action checks the role of who does it."""
