"""Cards of the training people in software: how they are made, their PIN, files and signatures, and the scenarios."""
