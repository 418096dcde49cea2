"""Show what the release does badly, on photos that the repository carries: faults.py OUT.jpg"""
import sys
import numpy as np
import matplotlib.pyplot as plt
from pathlib import Path
from PIL import ImageOps
from colornet.infer import Colorizer
from colornet.photo import read_rgb

rows = [dict.fromkeys('brushes macaw bee'.split(), 'sepia')|dict(hens='bleeding'),
    {'polar-bear':'the usual', 'gateway':'too calm', 'astronaut':'gray for orange', 'fig':'a stain that stayed'}]
images,c = Path(__file__).parent.parent/'images',Colorizer('release')
square = lambda im, n: np.asarray(ImageOps.fit(im, (224,224), centering=(.1 if n=='hens' else .5,.5)))
fig,axs = plt.subplots(4, 4, figsize=(8.4,8.8), layout='constrained')
for k,names in enumerate(rows):
    for i,(n,kind) in enumerate(names.items()):
        truth = read_rgb(images/f'{n}.jpg')
        pair = square(c(truth), n),square(truth, n)
        for row,(im,what) in enumerate(zip(pair, (f'{kind}: {n}', 'a gray photo' if n.startswith('old') else 'truth'))):
            ax = axs[2*k+row,i]
            ax.imshow(im)
            ax.set_title(what, fontsize=9)
            ax.axis('off')
fig.savefig(sys.argv[1], dpi=90, pil_kwargs=dict(quality=60))
