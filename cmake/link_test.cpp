// Linked with one whole module archive and its declared dependencies only: an undeclared
// dependency is an undefined symbol here.
int main() {
    return 0;
}
