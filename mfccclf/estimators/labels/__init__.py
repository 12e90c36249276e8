"""Labels as users write them and as nets learn them: single-label and multilabel."""
