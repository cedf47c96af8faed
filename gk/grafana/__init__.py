"""A running Grafana: the only package that speaks its HTTP API.

From the bottom up:

    connection   where it is, and who gk is there; sends nothing
    answers      what answers look like, and the check of it
    client       requests and their errors
    about        a Grafana, and who gk is there
    live         what was read, in the form that is compared with resources
    kinds        each kind of object in a module of its own: read, write, delete, listed, parts (the
                 form in which it is compared), refusal
    objects      a Grafana: who answers there, and its objects

Above it, gk.push decides what is written.
"""
