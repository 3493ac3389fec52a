"""What reports are made of: their parts, the charts in them, and the forms they are written in."""
