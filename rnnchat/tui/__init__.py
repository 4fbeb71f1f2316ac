"""The full-screen app: write and talk, with the network's suggestions, its comparison and its inside at a key."""
