"""OpenCV decodes JPEG pictures: decode.py THREADS FILE LENGTH…, the pictures one after another in the file."""
import sys
from multiprocessing.pool import ThreadPool

from protocol import load, say, serve

cv2 = load("cv2")
numpy = load("numpy")
cv2.setNumThreads(1)  # a picture is one thread's work
threads = int(sys.argv[1])
content = numpy.fromfile(sys.argv[2], dtype=numpy.uint8)
pictures, at = [], 0
for length in map(int, sys.argv[3].split(",")):
    pictures.append(content[at : at + length])
    at += length
pool = ThreadPool(threads)
state = {"next": 0}


def decode(picture):
    return cv2.imdecode(picture, cv2.IMREAD_COLOR).shape[0]


def run(request):
    for _ in range(request["run"]):
        chosen = [pictures[(state["next"] + i) % len(pictures)] for i in range(request["batch"])]
        state["next"] += request["batch"]
        pool.map(decode, chosen, chunksize=1)


first = cv2.imdecode(pictures[0], cv2.IMREAD_COLOR)
say(shape=first.shape, mean=float(first.mean()), version=cv2.__version__)
serve(run)
