"""Finding faces in a picture, and cutting them out the way models expect them."""
