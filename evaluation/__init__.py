"""How good the editing is, measured on scenes whose true answer is known.

cases      what is asked: a scene, the order in Chinese, and the scene as it should be afterwards
metrics    figures for pictures: psnr, ssim, CLIP score, CLIP direction, intervals
judge      whether the order was carried out, as CLIP sees it
methods    who is measured: editing methods, inversions, the whole chain, and the yardsticks (truth, unchanged, …)
measure    one case, one method → figures; many cases → a row
grid       contact sheets to look at
benchmark  the command line
"""
