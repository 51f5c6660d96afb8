"""``python -m corohemo``."""

from corohemo.cli import main

if __name__ == "__main__":
    main()
