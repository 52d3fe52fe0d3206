"""The side that talks. One message becomes a picture on this path:

    ①  A platform (a folder in platforms/) makes an Incoming of what somebody wrote, sent or pressed.
    ②  inbox.py commits it as a row before the platform is told that we have it, then takes the rows one by one,
        each person's in order.
    ③  parser.py, with the words in lexicon.py, turns the Chinese sentence into a Plan of Steps.
    ④  dialogue.py finds out who is asking, on which photo and what is missing: it answers, asks back, or queues a Job.
        learning.py does so for what is taught, strangers.py for who comes in untaught. replies/ holds every sentence that is said.
    ⑤  storage.jobs keeps the job. It is all that the two sides share: there is no torch on this one.
    ⑥  A worker process (python -m pipeline, python -m personalization) claims it, reports how far it is, and finishes it,
    ⑦  having run one step of editing (pipeline.edit),
    ⑧  by one method (pipeline.methods).
    ⑨  outbox.py makes an Outgoing of the result and hands it to the platform, once.

app.py runs all of this and keeps the workers alive; cli.py is the command line, a platform of one sentence.
"""
