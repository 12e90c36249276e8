"""Labels as users write them and as nets learn them: one per clip, or several."""
