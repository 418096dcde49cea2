"""What hints gain: hints.py PHOTOS/val release [OUT]

From the true photo, 1, 5, 10 and 50 spots of 5x5 pixels at the network's size, each with one colour, at three fixed seeds. Writes
hints.csv beside this file, or OUT: the mean PSNR over all photos, in dB over gray.
"""
import csv, sys
import numpy as np
from multiprocessing import Pool
from pathlib import Path
from PIL import Image
import torch
from colornet.files import find_photos
from colornet.flow import settle
from colornet.infer import Colorizer
from colornet.photo import Photo, read_rgb
from colornet.pixels import follow_edges, luma, luma_shares, paint, to_depth
from colornet.weights import digest

folder,weights = sys.argv[1:3]
out = Path(sys.argv[3] if len(sys.argv)>3 else Path(__file__).with_suffix('.csv'))
counts,seeds = (0,1,5,10,50),(0,1,2)

psnr = lambda a, b: 10*np.log10(255**2/np.square(a.astype(np.float32)-b).mean())

def gains(f, c):
    "PSNR over gray of a photo, for each seed and count"
    im,(kr,_,kb) = read_rgb(f),luma_shares
    true = np.asarray(im)
    photo = Photo(to_depth(luma(true), 16))
    a, = c.look([photo])
    h,w = a.y.shape
    small = np.asarray(im.resize((w,h), Image.BOX), np.float32)/255
    y = small@np.float32(luma_shares)
    uv = np.stack([.5+(small[...,2]-y)/(2*(1-kb)), .5+(small[...,0]-y)/(2*(1-kr))])
    guess,gray = a.uv+c.vivid*(a.bold-a.uv),psnr(np.repeat(to_depth(photo.y, 8)[...,None], 3, -1), true)
    def gain(spots):
        color,said = np.full_like(uv, .5),np.zeros((h,w), bool)
        for i,j in spots:
            at = np.s_[i-2:i+3,j-2:j+3]
            color[:,*at],said[at] = uv[:,*at].mean((1,2), keepdims=True),True
        c = settle(a.y, guess, a.doubt, said=(color, said, len(spots)) if len(spots) else None)
        return psnr(paint(photo, follow_edges(a.y, c, min(h,w)//28)), true)-gray
    places = [np.random.default_rng(s).integers(2, (h-2,w-2), (50,2)) for s in seeds]
    return [[gain(p[:n]) for n in counts] for p in places]

def work(part):
    "Measure some photos"
    torch.set_num_threads(1)
    c = Colorizer(weights, 'cpu')
    return [gains(f, c) for f in part]

if __name__=='__main__':
    files = find_photos(folder)
    with Pool(2) as pool: all_of_them = np.array([r for rs in pool.map(work, [files[i::8] for i in range(8)], 1) for r in rs])
    with out.open('w', newline='') as f:
        w = csv.writer(f, lineterminator='\n')
        w.writerow(('weights','seed','hints','gain'))
        for s,row in zip(seeds, all_of_them.mean(0)):
            for n,g in zip(counts, row): w.writerow((digest(weights).split()[1], s, n, f'{g:.3f}'))
    print(all_of_them.mean((0,1)))
