// Asks presage (Debian's presage and libpresage-dev) what comes next: one text a line in, its words a line out.
#include <iostream>
#include <presage.h>
#include <string>

class Text : public PresageCallback {
public:
    std::string before;
    std::string get_past_stream() const { return before; }
    std::string get_future_stream() const { return ""; }
};

int main() {
    Text text;
    Presage presage(&text);
    // As it ships it learns what it is asked about, and would know a text when it is typed again.
    presage.config("Presage.ContextTracker.ONLINE_LEARNING", "no");
    while (std::getline(std::cin, text.before)) {
        for (const std::string& word : presage.predict()) std::cout << word << '\t';
        std::cout << std::endl;
    }
}
