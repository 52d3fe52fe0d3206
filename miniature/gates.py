"""`python -m miniature.gates --seed 6000`: is the model good enough to prove edits on?

What is measured, and how, is evaluation's (see evaluation/gates.py); this is only the door to it.
"""

from evaluation.gates import main

if __name__ == "__main__":
    main()
