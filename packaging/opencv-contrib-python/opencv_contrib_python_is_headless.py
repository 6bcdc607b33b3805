"""Empty on purpose: cv2 comes from opencv-python-headless."""
