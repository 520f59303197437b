"""python -m simkcc"""

from simkcc.cli import main

main()
