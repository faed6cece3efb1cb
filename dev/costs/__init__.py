"""What a deployment costs a month at Google: list prices times what the product uses in the simulator."""
