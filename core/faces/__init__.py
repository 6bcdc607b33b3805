"""Finding faces in a picture and laying them into the frame that models expect."""
