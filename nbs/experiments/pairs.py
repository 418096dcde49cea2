"What two networks gain over gray, photo by photo: python pairs.py PHOTOS/val [NAME NAME]"
import csv, sys
from pathlib import Path
from colornet.decoder import load_colornet
from colornet.files import find_photos
from colornet.judge import squares
from colornet.metrics import psnr
from colornet.train import guess_rgb
from colornet.weights import digest
from colornet.yuv import rgb2yuv

out = Path(__file__).with_suffix('.csv')

def main(folder, *names):
    names = names or ('seed','release')
    nets = [load_colornet(n) for n in names]
    with out.open('w', newline='') as f:
        rows = csv.writer(f, lineterminator='\n')
        rows.writerow(['photo','gray',*(digest(n) for n in names)])
        for p in find_photos(folder)[::4]:  # as training judges: every fourth photo, its middle square
            rgb = squares([p], 224)
            gray = rgb2yuv(rgb)[:,:1]
            db = [psnr(x, rgb).item() for x in (gray.expand_as(rgb), *(guess_rgb(n, gray) for n in nets))]
            rows.writerow([p.name, *(f'{x:.3f}' for x in db)])

if __name__=='__main__': main(*sys.argv[1:]) if len(sys.argv)>1 else sys.exit(__doc__)
