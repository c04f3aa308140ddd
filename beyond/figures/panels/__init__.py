"""What the figures beyond the paper are drawn with, panel by panel."""
