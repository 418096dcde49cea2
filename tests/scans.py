"Pages as a scanner gives them, made from the photos that we pass on: the paper, the turn and the corners are known"
import io, zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

root = Path(__file__).resolve().parents[1]
kinds = 'white', 'yellowed', 'black', 'turned', 'none'

def photos():
    "Photos without a frame of their own, in RGB: those of the book, and those that are kept out of its first training"
    own = [p for p in sorted((root/'nbs'/'images').glob('*.jpg')) if p.stem!='old-brothers']
    with zipfile.ZipFile(root/'nbs'/'photos'/'photos.zip') as z:
        kept = [io.BytesIO(z.read(n)) for n in sorted(z.namelist()) if n.startswith('keep/')]
    return [Image.open(f).convert('RGB') for f in [*own,*kept]]

@dataclass
class Page:
    "A made page, and what is true of it"
    rgb:np.ndarray          # `(H,W,3)` uint8
    kind:str                # One of `kinds`
    corners:np.ndarray|None # `(4,2)` x and y of the picture's corners; none where nothing surrounds it
    mask:np.ndarray         # `(H,W)` float, 1 in the picture

# ---- paper and picture

def smooth(rng, h, w, n):
    "Noise whose waves are about 1/n of the page"
    return np.asarray(Image.fromarray(rng.normal(0, 1, (n+2,n+2)).astype(np.float32)).resize((w,h), Image.BICUBIC))

def paper(rng, h, w, color, shade=.015, fibre=.008):
    "A sheet: its color, unevenly lit, with fibres"
    fine = rng.normal(0, fibre, (h,w)) + fibre*smooth(rng, h, w, max(h,w)//4)
    return np.clip(np.float32(color)+(shade*smooth(rng, h, w, 1)+fine)[...,None], 0, 1).astype(np.float32)

def inside(h, w, corners, r=0., soft=1.):
    "How much of each pixel lies in a turned rectangle with rounded corners"
    c = np.float64(corners)
    mid,(u,v) = c.mean(0),(c[1]-c[0],c[3]-c[0])
    half = np.array([np.hypot(*u), np.hypot(*v)])/2
    axes = np.stack([u,v])/(2*half[:,None])
    y,x = np.mgrid[:h,:w]+.5
    q = [abs((x-mid[0])*a[0]+(y-mid[1])*a[1])-b+r for a,b in zip(axes, half)]
    out = np.hypot(*np.maximum(q, 0))+np.minimum(np.maximum(*q), 0)-r
    return np.clip(.5-out/soft, 0, 1).astype(np.float32)

def turned(box, angle):
    "Corners of a box turned about its middle, in degrees"
    x0,y0,x1,y1 = box
    c,mid = np.array([[x0,y0],[x1,y0],[x1,y1],[x0,y1]], float),np.array([x0+x1,y0+y1])/2
    s,k = np.sin(np.radians(angle)),np.cos(np.radians(angle))
    return (c-mid)@np.array([[k,s],[-s,k]])+mid

def placed(photo, h, w, corners):
    "The photo laid on a page so that it fills a turned rectangle"
    c,(pw,ph) = np.float64(corners),photo.size
    to = np.stack([(c[1]-c[0])/pw, (c[3]-c[0])/ph], 1)  # From the photo to the page
    back = np.linalg.inv(to)
    a = np.c_[back, -back@c[0]].ravel()
    wide = Image.fromarray(np.pad(np.asarray(photo), [(8,8),(8,8),(0,0)], 'edge'))
    return np.asarray(wide.transform((w,h), Image.AFFINE, [*a[:2],a[2]+8,*a[3:5],a[5]+8], Image.BICUBIC), np.float32)/255

def printed(rng, photo):
    "The photo as an old print: mostly gray or brown, with grain, its blacks and whites not quite the paper's"
    a = np.asarray(photo, np.float32)/255
    style = rng.choice(['gray','gray','brown','color'])
    if style!='color':
        y = a@np.float32([.299,.587,.114])
        a = np.stack([y, y, y] if style=='gray' else [y+.1*y*(1-y)*2, y, y-.12*y*(1-y)*2], -1)
    low,high = rng.uniform(.01,.08),rng.uniform(.86,.98)
    return Image.fromarray((255*np.clip(low+(high-low)*a+rng.normal(0, .012, a.shape[:2])[...,None], 0, 1)).astype(np.uint8))

def written(rng, h, w, corners, deep):
    "How much ink each pixel has where words are written below a picture, on a border as wide as `deep`"
    c = np.float64(corners)
    long = np.hypot(*(c[2]-c[3]))
    along = (c[2]-c[3])/long
    size = rng.uniform(.2, .4)*deep
    x,end,y = long*rng.uniform(.03, .3),long*rng.uniform(.5, .95),deep*rng.uniform(.4, .6)
    im = Image.new('L', (2*w,2*h))
    while x<end:
        n = int(rng.integers(2, 9))                              # Letters of a word
        t = np.linspace(0, n, 12*n)
        tall = np.interp(t, np.arange(n+1), rng.choice([.5, .5, .5, 1], n+1))*size
        at = np.stack([x+t*size*.6+.2*size*np.cos(2*np.pi*t), y-.5*tall*np.sin(2*np.pi*t)])
        xy = c[3]+at[0][:,None]*along+at[1][:,None]*along[::-1]*[-1,1]
        ImageDraw.Draw(im).line([tuple(2*p) for p in xy], 255, max(2, round(size*rng.uniform(.1, .2))), 'curve')
        x += (n+1)*size*.6
    return np.asarray(im.resize((w,h), Image.BOX), np.float32)/255

# ---- a page

def widths(rng, kind, side):
    "Widths of the four borders, left, top, right and bottom, as they are met with"
    even,form = rng.uniform(.015, .07),rng.choice(['even','uneven','polaroid','two','three'])
    w = np.full(4, even)
    if form=='uneven': w = rng.uniform(.01, .09, 4)
    if form=='polaroid': w[3] = rng.uniform(.14, .22)
    if form=='two': w[rng.integers(2)::2] = 0
    if form=='three': w[rng.integers(4)] = 0
    if kind=='black' and rng.random()<.4: w = np.where(np.arange(4)==rng.integers(4), rng.uniform(.012, .04), 0)
    return w*side

white = lambda rng: np.full(3, rng.uniform(.9, .985))+rng.uniform(-.01, .01, 3)
yellowed = lambda rng: np.array([rng.uniform(.82,.96), rng.uniform(.74,.88), rng.uniform(.52,.74)])
black = lambda rng: np.full(3, rng.uniform(0, .045))
bed = lambda rng: np.float32(((.97,.97,.97),(.80,.80,.79),(.03,.03,.03),(.33,.27,.22),(.13,.13,.14),(.78,.70,.56))[rng.integers(6)])

def stored(rng, a, grain=.006):
    "The page as a file gives it: a little noise, and JPEG"
    a = np.clip(a+rng.normal(0, grain, a.shape), 0, 1)
    Image.fromarray((a*255).astype(np.uint8)).save(buf := io.BytesIO(), 'JPEG', quality=int(rng.integers(70, 94)))
    return np.asarray(Image.open(buf).convert('RGB'))

def make_page(
    photo:Image.Image, # What was printed
    kind:str,          # One of `kinds`
    seed:int,          # The same page for the same seed
    caption:bool=False,# Whether something is written on the border below the picture
)->Page:
    "Print a photo, lay it on paper, and scan it"
    rng = np.random.default_rng(seed)
    k = rng.uniform(450, 850)/max(photo.size)
    pw,ph = (round(s*k) for s in photo.size)
    photo = printed(rng, photo.resize((pw,ph), Image.BICUBIC))
    if kind=='none': return Page(stored(rng, np.asarray(photo)/255), kind, None, np.ones((ph,pw), np.float32))
    side,angle = max(pw,ph),0.
    nested = kind in ('black','turned') and rng.random()<.6
    card,rim = widths(rng, 'white', side)*nested,widths(rng, kind, side)  # The print's own border, and what it lies on
    if caption:
        own = card if nested else rim
        own[:] = side*np.append(rng.uniform(.02, .07, 3), rng.uniform(.08, .2))
    if kind=='turned':
        angle = rng.uniform(.4, 3)*rng.choice([-1,1])
        card = np.maximum(card, .012*side*nested)
        rim = (rng.uniform(.03, .09, 4)+np.sin(np.radians(abs(angle)))/2)*side
    l,t,r,b = card+rim
    w,h = round(pw+l+r),round(ph+t+b)
    corners = turned((l, t, l+pw, t+ph), angle)
    mid = corners.mean(0)
    out = turned((rim[0], rim[1], w-rim[2], h-rim[3]), 0)
    s,c = np.sin(np.radians(angle)),np.cos(np.radians(angle))
    out = (out-mid)@np.array([[c,s],[-s,c]])+mid                          # The print is turned as its picture is
    ground = dict(white=white, yellowed=yellowed, black=black, turned=bed)[kind](rng)
    dark = ground.mean()<.1
    a = paper(rng, h, w, ground, *((.006,.004) if dark else (.04,.014) if kind=='yellowed' else (.02,.008)))
    if nested:
        share = inside(h, w, out, 0, rng.uniform(1, 2))[...,None]
        a = a+share*(paper(rng, h, w, (white,yellowed)[rng.integers(2)](rng))-a)
    radius = rng.choice([0, 0, rng.uniform(.015, .05)*min(pw,ph)])
    share = inside(h, w, corners, radius, rng.uniform(1, 2.5))[...,None]
    a = a+share*(placed(photo, h, w, corners)-a)
    if caption:
        ink = np.float32([.9,.9,.85]) if dark and not nested else np.float32([(.1,.1,.1),(.12,.15,.4),(.35,.22,.15)][rng.integers(3)])
        a = a+.9*written(rng, h, w, corners, (card if nested else rim)[3])[...,None]*(ink-a)
    return Page(stored(rng, a), kind, corners, inside(h, w, corners, radius))

def make_pages(
    n:int=60,    # How many, as many of each kind
    seed:int=0,  # Other pages for another seed
    caption:bool=False, # Whether something is written below the picture; then none is without a frame
)->list:         # `Page` each, of a photo each
    "Make pages of all kinds, each of another photo"
    every,rng = photos(),np.random.default_rng(seed)
    order = rng.permutation(len(every))[:n]
    return [make_page(every[i], kinds[j%(len(kinds)-caption)], 1000*seed+j, caption) for j,i in enumerate(order)]

def overlap(
    page:Page, # What is true
    found,     # What `find_frame` gave
)->float:      # Share of both pictures that both hold; of a page without a frame 1 if none was found
    "Compare a frame with the truth"
    if found is None or page.corners is None: return float(found is None and page.corners is None)
    m = np.zeros_like(page.mask)
    x0,y0,x1,y1 = found.box
    m[y0:y1,x0:x1] = found.mask()
    return float(np.minimum(m, page.mask).sum()/np.maximum(m, page.mask).sum())
