"""`python -m alleaves_sync` is `alleaves-sync`."""

from alleaves_sync.cli import main

if __name__ == "__main__":
    main()
