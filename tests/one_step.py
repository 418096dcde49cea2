"One step of a run, its gradients stored: alone, or as one of several processes (see test_launch.py)"
import sys
from pathlib import Path
import torch
from safetensors.torch import save_file
from colornet.launch import Run
from colornet.loss import uv_loss
from colornet.state import Config

folder, out, bs = sys.argv[1:]
torch.set_num_threads(1)
run = Run(folder, out, Config(steps=1, bs=int(bs), crop=32), dtype='fp32', device='cpu')
gray, uv = next(run._lessons(0))
run.model.eval()  # batch norm on its running averages, so that photos do not touch each other
uv_loss(run.model(gray), uv).backward()
rank = run.acc.process_index
grads = {n: p.grad.contiguous() for n, p in run.net.decoder.named_parameters()}
save_file({'gray': gray} | grads, Path(out)/f'grads{rank}of{run.acc.num_processes}.safetensors')
run.acc.wait_for_everyone()
