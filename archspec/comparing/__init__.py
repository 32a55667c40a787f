"""What two models differ in: their symbols, quantities and layers."""
