"""Damaged and hostile inputs for everything that reads files: `python tests/fuzz --help`.

`readers` is the table of what is fuzzed and of what it may raise. `seeds` makes inputs that are in
order, `mutations` changes bytes and words of them, and `structures` lets a change pass the sums
that would else refuse it. A `worker` tries inputs in a process of its own, which `run` watches; a
`connection` is what it talks to instead of a socket. `guided` lets atheris choose the changes by
the code that they reach, and `damage` looks at nothing but flips and cuts of model files.
"""
