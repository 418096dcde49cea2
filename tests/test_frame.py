"The frame around a print: on made pages, whose truth is known, and on photos that have none"
from functools import cache

import numpy as np
import pytest
from PIL import Image

import scans
from colornet.frame import Frame, find_frame

@cache
def pages(): return scans.make_pages(60, seed=2026)

@cache
def found(): return [find_frame(p.rgb) for p in pages()]

def test_of_60_made_pages_57_are_right_and_no_photo_is_cut():
    right = [scans.overlap(p, f) for p,f in zip(pages(), found())]
    wrong = [f'{i} {p.kind}: {r:.3f}' for i,(p,r) in enumerate(zip(pages(), right)) if r<.97]
    print(f'right in {60-len(wrong)} of 60; wrong: {wrong}')
    assert len(wrong)<=3, wrong
    assert all(f is None for p,f in zip(pages(), found()) if p.kind=='none')

def test_photos_without_a_frame_are_left_whole():
    cut = [i for i,p in enumerate(scans.photos()) if find_frame(np.asarray(p)) is not None]
    assert cut==[]

def some(): return [(p.rgb, f) for p,f in zip(pages(), found()) if f is not None][::6]

def close(f, corners, share):
    "Whether corners are where they should be, but for a share of the long side"
    assert f is not None and abs(f.corners-corners).max()<=share*max(f.size)

def test_a_mirrored_page_has_the_mirrored_frame():
    for a,f in some(): close(find_frame(a[:,::-1]), ([f.size[0],0]+f.corners*[-1,1])[[1,0,3,2]], .005)

def test_a_page_upside_down_has_the_frame_upside_down():
    for a,f in some(): close(find_frame(a[::-1,::-1]), (f.size-f.corners)[[2,3,0,1]], .005)

@pytest.mark.parametrize('k', [.6, 2.5])
def test_a_page_at_another_size_has_the_frame_at_that_size(k):
    for a,f in some():
        size = [round(s*k) for s in f.size]
        close(find_frame(np.asarray(Image.fromarray(a).resize(size, Image.LANCZOS))), f.corners*size/f.size, .006)

def test_a_gray_page_has_the_frame_of_its_colors():
    gray = [p.rgb for p in pages() if p.kind in ('white','black')][::5]
    for a in gray: close(find_frame(np.asarray(Image.fromarray(a).convert('L'))), find_frame(a).corners, .006)

def test_depth_and_kind_of_numbers_do_not_matter():
    a,f = some()[0]
    close(find_frame(a/np.float32(255)), f.corners, .001)
    close(find_frame(a.astype(np.uint16)*257), f.corners, .001)

@pytest.mark.parametrize('shape', [(1,1), (3,2000), (60,60), (300,200,3)])
def test_what_is_plain_or_tiny_has_no_frame(shape):
    for v in (0, 128, 255): assert find_frame(np.full(shape, v, np.uint8)) is None

def test_the_mask_is_what_the_box_holds_of_the_picture():
    for f in filter(None, found()):
        (x0,y0,x1,y1),m = f.box,f.mask()
        assert m.shape==(y1-y0,x1-x0) and m.dtype==np.float32 and m.min()>=0 and m.max()==1
        assert 0<=x0<x1<=f.size[0] and 0<=y0<y1<=f.size[1]

def test_a_mask_is_as_large_as_its_picture():
    corners = scans.turned((40.3, 30.2, 260.8, 180.7), 2)
    sharp,(x0,y0,x1,y1) = Frame(corners, (300,220)),Frame(corners, (300,220)).box
    want = scans.inside(220, 300, corners, soft=1)
    assert abs(sharp.mask()-want[y0:y1,x0:x1]).mean()<.002
    rounded = scans.inside(220, 300, corners, r=20)
    assert abs(Frame(corners, (300,220), 20).mask()-rounded[y0:y1,x0:x1]).mean()<.002

def test_what_is_written_on_the_border_is_paper():
    "A caption below the picture stays out of the frame: on 10 of 12 pages at least"
    made = scans.make_pages(12, seed=1, caption=True)
    right = [scans.overlap(p, find_frame(p.rgb))>=.97 for p in made]
    assert sum(right)>=10, right
