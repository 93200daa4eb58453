"""Read devices and say what units they hold."""
