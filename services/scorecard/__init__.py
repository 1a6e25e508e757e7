"""What credit is: applications to features, features to probability, decision and reasons. Pure."""
