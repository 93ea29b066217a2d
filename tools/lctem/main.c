#include <stdio.h>
#include <string.h>

int cmd_phantom(int argc, char **argv);

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "phantom") == 0)
        return cmd_phantom(argc - 1, argv + 1);
    fputs("lctem phantom SCENE -o MOVIE\n", stderr);
    return 2;
}
