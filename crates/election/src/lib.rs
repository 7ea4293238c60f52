//! Leader election strategies, fencing, and the fenced resource.
