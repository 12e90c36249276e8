"""Run the command line by ``python -m mfccclf``."""

from mfccclf.cli.main import main

if __name__ == "__main__":
    main()
