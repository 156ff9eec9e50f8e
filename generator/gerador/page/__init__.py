"""The page for people at `/`: what runs, whether it keeps up, and the verbs that steer it.

The one door to NiceGUI, and only behind the first request of a browser: `door` stands in front of
the API and imports nothing of NiceGUI; everything behind `mount` does.
"""
