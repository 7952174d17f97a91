#!/usr/bin/env node
import '../dist/bin/compute-image-mean.js';
