"""The pages for loan officers, analysts and model owners; they ask the other services over REST."""
