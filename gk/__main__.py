"""`python -m gk` is the command `gk`, where no script is installed or another one comes first."""

from gk.cli import main

if __name__ == "__main__":
    main()
