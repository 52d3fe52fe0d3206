"""What editing methods are written with; each file is one idea.

model      a Stable Diffusion folder or hub id: load, encode, decode, embed, predict
ddim       deterministic sampling and its inversion
inversion  a photo as the end of a sampling path: ddim, null_text (and fast), negative_prompt, direct
attention  look into and change the attention maps of a UNet, for the length of a `with`
features   look into and change the residual features of its decoder, the same way
align      which tokens of one prompt correspond to which of another
banks      edit directions from two banks of sentences
blend      where in the picture an edit may happen
fit        optimise tensors on the diffusion loss
tune       weights that are moved, or worn, for the length of a `with`
start      where sampling starts from, and the photo beside it at every step
wear       pseudo-words that stand for learned vectors, for the length of a `with`
clip       the judge: pictures and sentences in one space
progress   how far a generator is
"""
