"""What AWS does and the emulator does not, one file a concern. docs/aws.md has the rows; switch.py turns one off for its test."""
