"""Cards of the training people in software: their profile, PIN, files and signatures."""
