"""The engine for real photos: everything is made of the user's own pixels; nothing is painted by a model."""
