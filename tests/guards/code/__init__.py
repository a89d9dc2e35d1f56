"""What the code keeps to."""
