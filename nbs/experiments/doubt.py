"""Does the second head's doubt predict error? doubt.py VAL NAME [OUT]

NAME is a decoder that colornet ships. For each photo: the mean doubt, the mean distance of the predicted chroma from the truth (unit UV, at a quarter of the
network's size), and the rank correlation of the two over its points.
"""
import sys
import numpy as np
import torch, torch.nn.functional as F
from pathlib import Path
from scipy.stats import spearmanr
from colornet.data import gray_uv, is_gray
from colornet.files import find_photos
from colornet.infer import Colorizer, net_size
from colornet.photo import read_rgb
from colornet.vivid import annealed_mean, doubt
from colornet.weights import digest

c,rows = Colorizer(sys.argv[2], backend='torch', dtype='fp32'),[]
bins = c.net.net.decoder.bins
out = Path(sys.argv[3] if len(sys.argv)>3 else Path(__file__).with_suffix('.csv'))
for path in find_photos(sys.argv[1]):
    im = read_rgb(path)
    if is_gray(im): continue
    w,h = net_size(*im.size, 224)
    w,h = w//16*16,h//16*16  # no padding: every point counts
    gray,uv = gray_uv(torch.from_numpy(np.asarray(im.resize((w,h)))[None].copy()))
    scores = torch.from_numpy(c.ask([gray[0,0].numpy()], 'scores')[0])
    error = (annealed_mean(scores, bins)-F.avg_pool2d(uv, 4)).norm(dim=1)
    d = doubt(scores, bins)[:,0]
    rows.append((d.mean().item(), error.mean().item(), spearmanr(d.flatten(), error.flatten()).statistic))
out.write_text('doubt,error,within,weights\n'+''.join(f'{a:.5g},{b:.5g},{r:.4g},{digest(sys.argv[2]).split()[1]}\n' for a,b,r in rows))
d,e,r = zip(*rows)
print(f'{len(rows)} photos: rank correlation of mean doubt and mean error {spearmanr(d,e).statistic:.2f}; within a photo {np.mean(r):.2f} on average')
