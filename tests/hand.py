"A reader's hands on the hints, on the demo page and in the app"
import json
import numpy as np

class Hand:
    def __init__(self, tab): self.tab = tab
    def button(self, name): return self.tab.locator('.colornet-divider').get_by_role('button', name=name, exact=True)
    @property
    def toggle(self): return self.tab.locator('.colornet-bar > button')
    @property
    def cross(self): return self.tab.locator('.colornet-cross')
    @property
    def markers(self): return self.tab.locator('.colornet-hints button')
    @property
    def swatches(self): return self.tab.locator('.colornet-swatches button')
    @property
    def other(self): return self.tab.get_by_label('another colour')
    @property
    def size(self): return self.tab.get_by_label('size of the hint')
    @property
    def title(self): return self.tab.locator('.colornet-panel strong').inner_text()
    def turn(self, on):
        if (self.toggle.get_attribute('aria-pressed')=='true')!=on: self.toggle.click()
    def place(self, x, y):
        "Where a share of the picture's width and height lies on the screen"
        box = self.tab.locator('.colornet-stage').bounding_box()
        return box['x']+box['width']*x, box['y']+box['height']*y
    def spot(self, x, y):
        "Click on the picture, and wait until the likely colours are those of this spot"
        self.tab.locator('.colornet-stage').scroll_into_view_if_needed()
        self.tab.evaluate("document.querySelector('.colornet-swatches').replaceChildren()")
        self.tab.mouse.click(*self.place(x, y))
        self.swatches.first.wait_for(timeout=30_000)
    def drag(self, i, x, y):
        box = self.markers.nth(i).bounding_box()
        self.tab.mouse.move(box['x']+box['width']/2, box['y']+box['height']/2)
        self.tab.mouse.down()
        self.tab.mouse.move(*self.place(x, y), steps=4)
        self.tab.mouse.up()
    def save(self):
        "Name and content of the file that the reader gets"
        with self.tab.expect_download(timeout=30_000) as d: self.button('Save hints').click()
        return d.value.suggested_filename, json.loads(d.value.path().read_text())
    def load(self, path):
        with self.tab.expect_file_chooser() as f: self.button('Load hints').click()
        f.value.set_files(str(path))

def hue(rgb, color):
    "How far the chroma of pixels points to that of a colour: 1 is the same hue, -1 the opposite"
    def chroma(c):
        y = np.asarray(c, float)@[.299,.587,.114]
        return np.stack([c[...,2]-y, c[...,0]-y], -1)
    a,b = chroma(np.asarray(rgb, float)),chroma(np.array([int(color[i:i+2], 16) for i in (1,3,5)], float))
    return (a@b)/np.maximum(np.linalg.norm(a, axis=-1)*np.linalg.norm(b), 1e-9)

def luma(rgb): return np.asarray(rgb, float)[...,:3]@[.299,.587,.114]

def bad_hints(w, h):
    "Files that hold no hints for a photo of that size, and what is said of them"
    one = dict(x=5, y=5, color='#3355dd', radius=4)
    whole = lambda hints, size=(w,h): json.dumps(dict(colornet='hints 1', size=size, hints=hints))
    return {'diary.json':('Dear diary', 'holds no hints'), 'list.json':('[1,2]', 'holds no hints'),
        'none.json':('null', 'holds no hints'),
        'later.json':(whole([one]).replace('hints 1', 'hints 2'), 'holds no hints'),
        'tall.json':(whole([one], (h,w)), f'is for a photo of {h} x {w} pixels'),
        'zero.json':(whole([one], (0,0)), 'holds no hints'),
        'many.json':(whole([one]*1001), '1001 hints'), 'outside.json':(whole([one|dict(x=w)]), 'is not in a photo'),
        'named.json':(whole([one|dict(color='no colour')]), 'write it as x, y'), 'empty.json':(whole([one, None]), 'hint 2'),
        'wide.json':(whole([one|dict(radius=-1)]), 'is not in a photo'), 'cut.json':(whole([one])[:-9], 'holds no hints')}
