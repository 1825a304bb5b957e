"""Makes the emulator do what AWS does, one file for each concern. docs/aws.md has the rows; switch.py turns one off for its test."""
